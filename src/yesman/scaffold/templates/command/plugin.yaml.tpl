# What yesman knows of the plugin without running it.
# All keys, for your editor: yesman plugin validate --schema > plugin.schema.json
name: ${word}
version: 0.1.0
author: ${author}
description: ${description}

yesman:
  min_version: "${yesman}"

type: command
provides:
  - commands:
      - name: ${word}
        description: "Greet somebody from the current session"

# What it may do beyond its own folder. Users see this, with the reasons, before anything of it runs.
permissions:
  - name: session.read
    reason: "to know which session the greeting comes from"
