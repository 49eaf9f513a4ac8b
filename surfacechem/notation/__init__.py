"""The model language: one grammar, from text to a system and back."""
