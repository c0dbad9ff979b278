-- What the directory said of those who were connected to meetings, and from when to when: entries of core_people by number.
select
    row_number() over (order by participant.participant_number, person.valid_from) as period_number,
    participant.participant_number,
    person.person_key,
    person.valid_from,
    person.valid_before,
    person.site,
    case when person.site is not null then dense_rank() over (order by person.site) end as site_number
from (select distinct participant_number, participant_key from core_participants where not is_room) as participant
inner join core_people as person on person.person_key = participant.participant_key
