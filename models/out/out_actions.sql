-- What the organisation has done to travel less, with its day: every time line shows it, so that plan, do, study and act
-- stand together.
select
    settings_method.organisation,
    settings_actions.action_on,
    settings_actions.kind,
    settings_actions.name_sv,
    settings_actions.name_en
from settings_actions
cross join settings_method
