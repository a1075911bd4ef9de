{#-
    Time: every instant is stored as UTC with a zone; days, weekdays and hours are those of the workspace's IANA zone.
    What another engine spells differently sits here: it adds `<adapter>__` beside `default__`.
-#}

{% macro local_time(instant, zone) -%}
    {{ return(adapter.dispatch('local_time')(instant, zone)) }}
{%- endmacro %}

{% macro default__local_time(instant, zone) -%}
    ({{ instant }} at time zone {{ zone }})
{%- endmacro %}


{% macro is_midnight(instant, zone) -%}
    ({{ local_time(instant, zone) }} = date_trunc('day', {{ local_time(instant, zone) }}))
{%- endmacro %}


{% macro iso_weekday(local) -%}
    {{ return(adapter.dispatch('iso_weekday')(local)) }}
{%- endmacro %}

{% macro default__iso_weekday(local) -%}
    cast(isodow({{ local }}) as integer)
{%- endmacro %}


{% macro hours_between(earlier, later) -%}
    {#- Elapsed hours between two instants as a double. Elapsed time knows no clock change. -#}
    {{ return(adapter.dispatch('hours_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__hours_between(earlier, later) -%}
    ((epoch_us({{ later }}) - epoch_us({{ earlier }})) / 3600000000.0)
{%- endmacro %}


{% macro days_between(earlier, later) -%}
    {#- Whole calendar days from one date to another, as a bigint; 1 from a day to the next. -#}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    cast(date_diff('day', {{ earlier }}, {{ later }}) as bigint)
{%- endmacro %}


{% macro each_day(first_day, last_day) -%}
    {#- One row per calendar day from the first to the last, both included; stands in a select list. -#}
    {{ return(adapter.dispatch('each_day')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__each_day(first_day, last_day) -%}
    cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date)
{%- endmacro %}


{% macro equal_ages() -%}
    {#- The ages in hours at which posts are compared: 24 h, 72 h, 7 days, 28 days. -#}
    {{ return([24, 72, 168, 672]) }}
{%- endmacro %}


{% macro known(observed_at) -%}
    {#-
        Whether a row was known at the instant of the variable `as_known_at` (ISO 8601, with its offset from UTC); every
        row is without it. Staging models filter with it, so any mart can be built as it would have been then:

            dbt run --select +mart_posts --vars '{as_known_at: "2026-05-03T21:59:59Z"}'

        into a warehouse of its own; `fabric sql --as-known-at` does exactly that. Only `observed_at` decides: the instant
        at which the source was read. An export of 2016 that is imported today counts as known from the moment it states
        as its reading (its own date, or `--observed-at`), not from today: the answer is what the numbers were then, not
        what this installation held then. An export without such a date counts from its file's modification time.
    -#}
    {%- if var('as_known_at', none) -%}
        {{ observed_at }} <= {{ instant(var('as_known_at')) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{% macro instant(text) -%}
    {#- An instant written as ISO 8601 with its offset, as a literal. -#}
    {{ return(adapter.dispatch('instant')(text)) }}
{%- endmacro %}

{% macro default__instant(text) -%}
    cast('{{ text }}' as timestamptz)
{%- endmacro %}
