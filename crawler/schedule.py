"""How to have `wirecorpus run` done every hour: a line for crontab, or units for systemd.

In: where the program, the configuration and the data folder are; the last may not be there yet. Out: text to
install. Nothing is installed here. The minute comes from the configuration's path, so that not everybody
asks at full hours.
"""

import hashlib
import shlex
from pathlib import Path


def minute_of(config_file: Path) -> int:
    """The minute of the hour at which this configuration's runs begin."""
    return hashlib.sha256(str(config_file).encode()).digest()[0] % 60


def cron_line(program: str, config_file: Path) -> str:
    """A line for `crontab -e`: hourly, output into a log beside the configuration."""
    command = shlex.join([program, "run", "--config", str(config_file), "--log", "json"])
    log = shlex.quote(str(config_file.with_name("cron.log")))
    # crontab(5): an unescaped % ends the command.
    line = f"{command} >> {log} 2>&1".replace("%", "\\%")
    return f"{minute_of(config_file)} * * * * {line}\n"


def systemd_units(program: str, config_file: Path, data: Path) -> dict[str, str]:
    """The service and its timer, by file name, for ~/.config/systemd/user or /etc/systemd/system."""
    command = " ".join(
        _quoted(w) for w in (program, "run", "--config", str(config_file), "--log", "json")
    )
    service = f"""\
[Unit]
Description=wirecorpus: crawl and build
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
# 3: some sources failed; 6: a limit was hit, the next run goes on; 75: another run is at work
SuccessExitStatus=3 6 75
TimeoutStopSec=30
NoNewPrivileges=true
ProtectSystem=strict
ReadWritePaths={_quoted(str(data.parent))}
"""
    timer = f"""\
[Unit]
Description=wirecorpus every hour

[Timer]
OnCalendar=*:{minute_of(config_file):02}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {"wirecorpus.service": service, "wirecorpus.timer": timer}


def _quoted(word: str) -> str:
    """A word of a unit file (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers")."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{text}"' if any(c in word for c in " \t\"'\\") else text
