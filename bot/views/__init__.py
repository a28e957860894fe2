"""What agents see: values in, Block Kit out. No view asks anybody anything."""
