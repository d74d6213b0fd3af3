# What yesman knows of the plugin without running it.
# All keys, for your editor: yesman plugin validate --schema > plugin.schema.json
name: ${word}
version: 0.1.0
author: ${author}
description: ${description}

yesman:
  min_version: "${yesman}"

type: hook
provides:
  - hooks:
      - name: session.created # told after the fact
      - name: session.closing # asked before it happens

# What it may do beyond its own folder. Users see this, with the reasons, before anything of it runs.
permissions:
  - name: session.read
    reason: "to see where a session was made"
  - name: session.modify
    reason: "to be asked before a session is closed"

# Settings that users change with: yesman plugin config ${name} protected 'main-*'
config:
  type: object
  properties:
    protected:
      type: string
      default: "keep-*"
      description: "Sessions that are not to be closed, as a shell pattern"
