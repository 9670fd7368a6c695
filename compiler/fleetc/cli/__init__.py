"""The command line: the only place that prints, and that ends the process."""
