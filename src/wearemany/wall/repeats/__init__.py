"""The same picture again: looked for, asked of people where machines cannot tell, grouped so that it counts once."""
