class ImportRefusedError(Exception):
    """The import stopped and changed nothing. The text tells the operator which file, what is wrong, what is needed."""
