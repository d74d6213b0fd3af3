# What yesman knows of the plugin without running it.
# All keys, for your editor: yesman plugin validate --schema > plugin.schema.json
name: ${word}
version: 0.1.0
author: ${author}
description: ${description}

yesman:
  min_version: "${yesman}"

type: ui
provides:
  - panels:
      - name: notes
        title: "Notes"
        slot: tab # by itself; 'session' for a panel with each session

# What it may do beyond its own folder. Users see this, with the reasons, before anything of it runs.
permissions: []
