# What yesman knows of the plugin without running it.
# All keys, for your editor: yesman plugin validate --schema > plugin.schema.json
name: ${word}
version: 0.1.0
author: ${author}
description: ${description}

yesman:
  min_version: "${yesman}"

type: integration
provides:
  - hooks:
      - name: session.created
      - name: session.closed
  - commands:
      - name: ${word}
        description: "Show what was reported"

# What it may do beyond its own folder. Users see this, with the reasons, before anything of it runs.
permissions:
  - name: session.read
    reason: "to report where a session was made"
  - name: network.external:api.example.com:443
    reason: "to report sessions to your account there"

# Settings that users change with: yesman plugin config ${name} token
config:
  type: object
  properties:
    token:
      type: string
      default: ""
      description: "Access token for api.example.com; without one nothing is reported"
