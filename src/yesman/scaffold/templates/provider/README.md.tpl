# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox
yesman plugin install --link .        # use this folder; what you change is in force at the next call
yesman plugin show ${name}
```

It asks for no permissions.
