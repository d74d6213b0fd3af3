"""The code of ${name}. yesman looks for the plugin's class in main.py."""
