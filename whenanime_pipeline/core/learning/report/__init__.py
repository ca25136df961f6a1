"""How good a model is: its figures beside another one's, its mistakes, its curves."""
