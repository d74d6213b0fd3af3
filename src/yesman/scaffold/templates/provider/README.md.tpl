# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox
yesman plugin install --link .        # use this folder; what you change is in force at the next call
yesman provider check ${name}
yesman provider call ${name} send title=Hello body='Is anybody there?'
```

It asks for no permissions.
