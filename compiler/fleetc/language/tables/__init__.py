"""Facts and defaults as data, packaged beside the code."""
