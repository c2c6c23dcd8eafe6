"""Kernels that are forked from a process which has their notebook's packages loaded; see ``server`` for how."""
