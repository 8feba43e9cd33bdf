"""The console: what officials see. Server-rendered; works without JavaScript."""
