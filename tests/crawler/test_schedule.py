from pathlib import Path

from crawler.schedule import cron_line, minute_of, systemd_units

CONFIG = Path("/home/desk/my 100% corpus/wirecorpus.toml")
DATA = Path("/srv/100%/data")


def test_a_crontab_line_runs_every_hour_at_a_minute_of_its_own() -> None:
    line = cron_line("/opt/bin/wirecorpus", CONFIG)
    assert line == (
        f"{minute_of(CONFIG)} * * * * /opt/bin/wirecorpus run --config"
        " '/home/desk/my 100\\% corpus/wirecorpus.toml' --log json"
        " >> '/home/desk/my 100\\% corpus/cron.log' 2>&1\n"
    )
    assert minute_of(CONFIG) != minute_of(Path("/home/desk/wirecorpus.toml"))


def test_units_name_the_program_the_folder_and_what_is_no_failure() -> None:
    units = systemd_units("/opt/bin/wirecorpus", CONFIG, DATA)
    service = units["wirecorpus.service"]
    assert 'run --config "/home/desk/my 100%% corpus/wirecorpus.toml" --log json\n' in service
    assert "ReadWritePaths=/srv/100%%\n" in service
    assert "SuccessExitStatus=3 6 75" in service
    assert f"OnCalendar=*:{minute_of(CONFIG):02}\n" in units["wirecorpus.timer"]
