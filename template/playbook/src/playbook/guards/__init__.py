"""What the guards are measured on (labelled texts under corpus/) and by."""
