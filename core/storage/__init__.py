"""What we keep: the only package that speaks SQL."""
