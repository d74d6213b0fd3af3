# ${name}

${about}

```
yesman plugin test .                  # its tests, in the real sandbox, against a stand-in for the service
yesman plugin install --link .        # use this folder; what you change is in force at the next call
yesman plugin config ${name} token    # asks without showing it
yesman session new work
yesman ${name}
```

| permission | why |
|---|---|
| `session.read` | to report where a session was made |
| `network.external:api.example.com:443` | to report sessions to your account there |

| setting | |
|---|---|
| `token` | access token for api.example.com; without one nothing is reported |
