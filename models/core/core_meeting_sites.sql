-- How many internal people of each site took part in each digital meeting that joined two sites or more.
select
    meeting.source,
    meeting.meeting_id,
    meeting.month,
    person.site,
    cast(count(*) as bigint) as people
from core_meetings as meeting
inner join core_participations as participation
    on participation.source = meeting.source and participation.meeting_id = meeting.meeting_id
inner join core_people as person
    on
        person.person_key = participation.person_key
        and person.valid_from <= meeting.started_on
        and meeting.started_on < person.valid_before
where
    meeting.is_digital and meeting.internal_sites >= 2
    and participation.participant_kind = 'person' and participation.party = 'internal'
    and person.site is not null
group by meeting.source, meeting.meeting_id, meeting.month, person.site
