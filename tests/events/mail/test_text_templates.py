"""The text of an email, made from the template of its HTML."""

from events.mail.text_templates import paragraphs, text_template

HTML = """{% extends "base.html" %}
{% block words %}
<p>Dear {{ name }},</p>
<p style="width: 264px;"><img src="cid:{{ cid.code }}" alt="A code"></p>
<p>It is <strong>here</strong>:<br>{{ address }}
{% if hours %}
<br>{{ hours }}
{% endif %}
</p>
<ul>
<li>One</li>
<li>Two</li>
</ul>
{% include "tell_us.html" %}
{% endblock %}
"""
TEXT = """{% extends "base.txt" %}
{% block words %}
Dear {{ name }},

It is here:
{{ address }}
{% if hours %}
{{ hours }}
{% endif %}

One
Two

{% include "tell_us.txt" %}
{% endblock %}"""


def test_a_template_of_text_says_what_that_of_html_says() -> None:
    assert paragraphs(text_template(HTML)) == TEXT
