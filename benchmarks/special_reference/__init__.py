"""What functions of scipy.special are, in mpmath; one module for each module of rules."""
