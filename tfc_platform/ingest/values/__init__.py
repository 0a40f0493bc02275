"""How one cell becomes one value. Each module is pure: a cell and the contract's word on it in, a value or None out."""
