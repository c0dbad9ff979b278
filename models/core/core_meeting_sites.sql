-- How many internal people of each site took part in each digital meeting that joined two sites or more.
select
    meeting.meeting_number,
    meeting.source,
    meeting.meeting_id,
    meeting.month,
    participation.site,
    cast(count(*) as bigint) as people
from core_meetings as meeting
inner join core_participations as participation on participation.meeting_number = meeting.meeting_number
where
    meeting.is_digital and meeting.internal_sites >= 2
    and participation.participant_kind = 'person' and participation.party = 'internal'
    and participation.site is not null
group by meeting.meeting_number, meeting.source, meeting.meeting_id, meeting.month, participation.site
