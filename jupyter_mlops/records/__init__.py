"""The nouns: frozen values that cross every border, and import nothing that acts."""
