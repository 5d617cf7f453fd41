from referrals.project_functions import project_function


def tells_of_danger(*texts: str) -> bool:
    """Whether one of the words of danger that editors keep is in a text, which is neither stored nor logged."""
    reader, written = project_function("DANGER_READER"), [text for text in texts if text.strip()]
    return bool(reader and written and reader(*written))
