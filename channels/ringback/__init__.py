"""Orders to carriers: announcements that callers hear before the call is answered."""
