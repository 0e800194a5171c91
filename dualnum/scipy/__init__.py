"""Modules named like SciPy's, whose functions take Duals where SciPy's own cannot see them coming."""
