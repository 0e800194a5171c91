"""Calls of functions of scipy.special; one module for each module of rules."""
