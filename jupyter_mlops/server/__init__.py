"""The Jupyter server's door: the table of operations over REST, and the clock that keeps work turning."""
