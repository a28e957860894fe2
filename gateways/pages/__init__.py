"""Pages that customers see: plain HTML, made here, whole without a script and without anything from elsewhere."""
