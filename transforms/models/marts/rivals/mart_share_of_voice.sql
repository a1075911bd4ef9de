with sides as (
    select
        workspace_id,
        platform,
        month,
        {{ sorted_list("case when owner = 'competitor' then account_name end") }} as competitors,
        {{ sorted_list("case when owner = 'competitor' and posts_measured > 0 then account_name end") }}
            as competitors_measured,
        bool_and(observed_whole) as observed_whole,
        sum(case when owner = 'own' then posts end) as own_posts,
        sum(case when owner = 'competitor' then posts end) as competitor_posts,
        sum(case when owner = 'own' then posts_measured end) as own_measured,
        sum(case when owner = 'competitor' then posts_measured end) as competitor_measured,
        {{ exact_sum("case when owner = 'own' then engagements_public end") }} as own_engagements,
        {{ exact_sum("case when owner = 'competitor' then engagements_public end") }} as competitor_engagements
    from {{ ref('int_voice_months') }}
    group by workspace_id, platform, month
)

select
    workspace_id,
    platform,
    month,
    competitors,
    observed_whole,
    cast(own_posts as bigint) as own_posts,
    cast(competitor_posts as bigint) as competitor_posts,
    round({{ ratio('own_posts', '(own_posts + competitor_posts)') }}, 9) as share_of_posts,
    competitors_measured,
    cast(own_measured as bigint) as own_posts_measured,
    cast(competitor_measured as bigint) as competitor_posts_measured,
    round({{ ratio('own_measured', 'own_posts') }}, 9) as own_coverage,
    round({{ ratio('competitor_measured', 'competitor_posts') }}, 9) as competitor_coverage,
    own_engagements as own_engagements_public,
    competitor_engagements as competitor_engagements_public,
    round({{ ratio('own_engagements', '(own_engagements + competitor_engagements)') }}, 9) as share_of_engagements
from sides
