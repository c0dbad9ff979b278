-- A corrected file takes the place of the one it names. Should somebody go back to the earlier file, the later
-- import of the two counts.
select
    file.source,
    file.file_sha256,
    file.kind,
    file.covers_from,
    file.covers_to,
    file.rows_read,
    file.rows_landed,
    file.rows_rejected,
    file.rows_excluded
from landing_files as file
where
    not exists (
        select newer.file_sha256
        from landing_files as newer
        where newer.replaces_sha256 = file.file_sha256 and newer.seen_at >= file.seen_at
    )
