-- How many internal people of each site took part in each digital meeting that joined two sites or more.
select
    meeting.meeting_number,
    meeting.source,
    meeting.meeting_id,
    meeting.month,
    period.site,
    cast(count(*) as bigint) as people
from core_meetings as meeting
inner join core_participations as participation on participation.meeting_number = meeting.meeting_number
inner join core_participant_periods as period on period.period_number = participation.period_number
where meeting.is_digital and meeting.is_between_sites and period.site is not null
group by meeting.meeting_number, meeting.source, meeting.meeting_id, meeting.month, period.site
