"""What is done when somebody does something: one module for each surface, none knows another."""
