"""A record without a browser: the same content as plain text and as HTML without scripts."""
