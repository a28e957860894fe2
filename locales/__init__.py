"""The words of every language we speak: catalogues, templates and signals, one folder a locale."""
