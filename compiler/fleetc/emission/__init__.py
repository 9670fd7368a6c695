"""Sites in, finished objects out: recorded reads, sharing, canonical text, and the explanation of both."""
