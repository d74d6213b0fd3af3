# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox
yesman plugin install --link .        # use this folder; what you change is in force at the next look
yesman dashboard                      # look at it
```

It asks for no permissions.
