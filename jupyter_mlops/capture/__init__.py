"""What a notebook reveals. Everything here looks and returns values: no store, no shell, no network.

Import from the module that holds what you need (``capture.recorder``, ``capture.slicing``, ``capture.fingerprint``):
this file imports nothing, because some of them are wanted where the others must not be loaded.
"""
