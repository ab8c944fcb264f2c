"""What joins the parts: from files to scored exams, and to the folders they are written in."""
