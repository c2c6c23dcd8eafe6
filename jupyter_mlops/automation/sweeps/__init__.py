"""A notebook run over many values: which ones, one after the other or side by side, and which was best."""
