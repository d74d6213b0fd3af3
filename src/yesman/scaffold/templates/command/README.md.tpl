# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox
yesman plugin install --link .        # use this folder; what you change is in force at the next call
yesman session new work
yesman ${name} --session work --to Ada
```

| permission | why |
|---|---|
| `session.read` | to know which session the greeting comes from |
