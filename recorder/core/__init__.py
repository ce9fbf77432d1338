"""What to take, where it belongs on the lesson's clock, and how it is written; nothing here touches a disk."""
