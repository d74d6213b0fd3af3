# Packages that the plugin needs, one a line, such as: httpx>=0.28
# They are its own: other plugins, and yesman, may use other versions. The standard library is enough for now.
