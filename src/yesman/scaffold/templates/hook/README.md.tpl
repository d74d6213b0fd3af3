# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox
yesman plugin install --link .        # use this folder; what you change is in force at the next event
yesman session new keep-this
yesman session close keep-this        # refused
yesman plugin logs ${name}
```

| permission | why |
|---|---|
| `session.read` | to see where a session was made |
| `session.modify` | to be asked before a session is closed |

| setting | |
|---|---|
| `protected` | sessions that are not to be closed, as a shell pattern; `keep-*` |
